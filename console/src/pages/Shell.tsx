import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

import { setCredentials, useCredentials, useSession } from '@/api/session';
import { Button } from '@/parts/Button';
import { Icon, type IconName } from '@/parts/Icon';
import { chooseTheme, useTheme } from '@/theme';
import { LoginPage } from './LoginPage';

const places = [
  { to: '/', title: 'State machines', icon: 'machines' },
  { to: '/executions', title: 'Executions', icon: 'executions' },
  { to: '/map-runs', title: 'Map runs', icon: 'map' },
  { to: '/activities', title: 'Activities', icon: 'activities' },
  { to: '/metrics', title: 'Metrics', icon: 'metrics' },
] as const satisfies { to: string; title: string; icon: IconName }[];

const tools = [
  { to: '/test-state', title: 'Test state', icon: 'flask' },
  { to: '/playground', title: 'Playground', icon: 'playground' },
] as const satisfies { to: string; title: string; icon: IconName }[];

function Places({ items, label }: { items: readonly ((typeof places)[number] | (typeof tools)[number])[]; label: string }) {
  return (
    <nav aria-label={label}>
      {items.map((item) => (
        <Link key={item.to} to={item.to} className="side-link" activeProps={{ className: 'active', 'aria-current': 'page' }} activeOptions={{ exact: item.to === '/', includeSearch: false }}>
          <Icon name={item.icon} />
          {item.title}
        </Link>
      ))}
    </nav>
  );
}

function Brand() {
  return (
    <Link to="/" className="brand" aria-label="Gait, home">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="var(--accent)" />
        <path d="M9 23V17.5a4 4 0 0 1 4-4h6a4 4 0 0 0 4-4V9" fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
        <circle cx="9" cy="23.5" r="2.8" fill="#fff" />
        <circle cx="23" cy="8.5" r="2.8" fill="#fff" />
      </svg>
      <span>Gait</span>
    </Link>
  );
}

/** On a phone the pages stand in a line that scrolls: the one that is shown is brought into view. */
function useActiveInView() {
  const side = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    const active = side.current?.querySelector<HTMLElement>('.side-link.active');
    if (side.current && active && side.current.scrollWidth > side.current.clientWidth) {
      side.current.scrollLeft = active.offsetLeft - (side.current.clientWidth - active.offsetWidth) / 2;
    }
  }, [pathname]);
  return side;
}

/** The frame around every page; asks for an access key first where one is needed. */
export function Shell() {
  const session = useSession();
  const credentials = useCredentials();
  const theme = useTheme();
  const side = useActiveInView();
  if (session.isLoginRequired && !credentials) {
    return <LoginPage />;
  }
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <div className="app">
      <a href="#main" className="skip">
        Skip to the page
      </a>
      <aside className="side" ref={side}>
        <Brand />
        <Places items={places} label="Pages" />
        <div className="side-title">Tools</div>
        <Places items={tools} label="Tools" />
        <div className="side-foot">
          <span className="version">
            {session.region} · {session.version}
          </span>
          <span className="row">
            {credentials && <Button look="quiet" isSmall icon="exit" aria-label="Sign out" onClick={() => setCredentials(undefined)} />}
            <Button look="quiet" isSmall icon={theme === 'dark' ? 'sun' : 'moon'} aria-label={`Use the ${other} theme`} onClick={() => chooseTheme(other)} />
          </span>
        </div>
      </aside>
      <main className="main" id="main" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}
