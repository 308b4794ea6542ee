import type { Picks } from '@/history/marks';
import type { Run, Visit } from '@/history/run';
import { visitWords } from '@/parts/Status';

const listedMax = 400;

/** The last visit of each Map and Parallel that has several iterations or branches. */
function containers(run: Run): Visit[] {
  const found = new Map<string, Visit>();
  run.visits.forEach((visit) => visit.scopes.length > 1 && found.set(visit.name, visit));
  return [...found.values()].slice(0, 6);
}

function Picker({ visit, value, onChange }: { visit: Visit; value: number | undefined; onChange: (value: number | undefined) => void }) {
  const isMap = visit.type === 'Map';
  const count = visit.scopes.length;
  if (count > listedMax) {
    return (
      <input
        className="input picker"
        type="number"
        min={0}
        max={count - 1}
        aria-label={`Iteration of ${visit.name}`}
        placeholder={`All ${count}`}
        value={value ?? ''}
        onChange={(event) => onChange(event.target.value === '' ? undefined : Number(event.target.value))}
      />
    );
  }
  return (
    <select className="select input picker" aria-label={`${isMap ? 'Iteration' : 'Branch'} of ${visit.name}`} value={value ?? ''} onChange={(event) => onChange(event.target.value === '' ? undefined : Number(event.target.value))}>
      <option value="">{isMap ? `All ${count} iterations` : `All ${count} branches`}</option>
      {visit.scopes.map((scope) => (
        <option key={scope.index} value={scope.index}>
          {isMap ? `#${scope.index}` : `Branch ${scope.index + 1}`} · {visitWords(scope.status)}
        </option>
      ))}
    </select>
  );
}

/** Which iteration or branch the graph shows. */
export function Pickers({ run, picks, onChange }: { run: Run; picks: Picks; onChange: (picks: Picks) => void }) {
  const shown = containers(run);
  if (!shown.length) {
    return null;
  }
  return (
    <div className="pickers">
      {shown.map((visit) => (
        <label key={visit.name} className="row">
          <span className="soft cut">{visit.name}</span>
          <Picker
            visit={visit}
            value={picks[visit.name]}
            onChange={(value) => {
              const { [visit.name]: _, ...others } = picks;
              onChange(value === undefined ? others : { ...others, [visit.name]: value });
            }}
          />
        </label>
      ))}
    </div>
  );
}
