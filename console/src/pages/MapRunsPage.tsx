export function MapRunsPage() {
  return <div className="page" />;
}
