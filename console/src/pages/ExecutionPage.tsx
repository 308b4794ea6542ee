export function ExecutionPage() {
  return <div className="page" />;
}
