export function MapRunPage() {
  return <div className="page" />;
}
