export function MetricsPage() {
  return <div className="page" />;
}
