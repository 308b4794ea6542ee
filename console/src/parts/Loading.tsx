export function Loading({ what }: { what: string }) {
  return (
    <div className="loading" role="status">
      <span className="dot tone-running" />
      Loading {what}
    </div>
  );
}
