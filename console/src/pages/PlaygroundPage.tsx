export function PlaygroundPage() {
  return <div className="page" />;
}
