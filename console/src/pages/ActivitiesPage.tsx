export function ActivitiesPage() {
  return <div className="page" />;
}
