export function TestStatePage() {
  return <div className="page" />;
}
