import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';

import { Empty } from './parts/Empty';
import { Failure } from './parts/Notice';
import { Shell } from './pages/Shell';

const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <Empty icon="search" title="There is no such page">
      <p>The address may be wrong, or what was here is gone.</p>
    </Empty>
  ),
  errorComponent: ({ error }) => (
    <div className="page">
      <Failure error={error} />
    </div>
  ),
});

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const machines = createRoute({ getParentRoute: () => rootRoute, path: '/', component: lazyRouteComponent(() => import('./pages/MachinesPage'), 'MachinesPage') });

const newMachine = createRoute({
  getParentRoute: () => rootRoute,
  path: '/machines/new',
  validateSearch: (search: Record<string, unknown>): { mode?: string } => ({ mode: text(search.mode) }),
  component: lazyRouteComponent(() => import('./pages/NewMachinePage'), 'NewMachinePage'),
});

const machine = createRoute({
  getParentRoute: () => rootRoute,
  path: '/machines/$arn',
  validateSearch: (search: Record<string, unknown>): { tab?: string; start?: string } => ({ tab: text(search.tab), start: text(search.start) }),
  component: lazyRouteComponent(() => import('./pages/MachinePage'), 'MachinePage'),
});

const editMachine = createRoute({
  getParentRoute: () => rootRoute,
  path: '/machines/$arn/edit',
  validateSearch: (search: Record<string, unknown>): { mode?: string } => ({ mode: text(search.mode) }),
  component: lazyRouteComponent(() => import('./pages/EditMachinePage'), 'EditMachinePage'),
});

export interface ExecutionsSearch {
  q?: string;
  machine?: string;
  status?: string;
  since?: string;
}

const executions = createRoute({
  getParentRoute: () => rootRoute,
  path: '/executions',
  validateSearch: (search: Record<string, unknown>): ExecutionsSearch => ({
    q: text(search.q),
    machine: text(search.machine),
    status: text(search.status),
    since: text(search.since),
  }),
  component: lazyRouteComponent(() => import('./pages/ExecutionsPage'), 'ExecutionsPage'),
});

const execution = createRoute({
  getParentRoute: () => rootRoute,
  path: '/executions/$arn',
  validateSearch: (search: Record<string, unknown>): { tab?: string; state?: string } => ({ tab: text(search.tab), state: text(search.state) }),
  component: lazyRouteComponent(() => import('./pages/ExecutionPage'), 'ExecutionPage'),
});

const mapRun = createRoute({ getParentRoute: () => rootRoute, path: '/map-runs/$arn', component: lazyRouteComponent(() => import('./pages/MapRunPage'), 'MapRunPage') });
const mapRuns = createRoute({ getParentRoute: () => rootRoute, path: '/map-runs', component: lazyRouteComponent(() => import('./pages/MapRunsPage'), 'MapRunsPage') });
const activities = createRoute({ getParentRoute: () => rootRoute, path: '/activities', component: lazyRouteComponent(() => import('./pages/ActivitiesPage'), 'ActivitiesPage') });
const metrics = createRoute({ getParentRoute: () => rootRoute, path: '/metrics', component: lazyRouteComponent(() => import('./pages/MetricsPage'), 'MetricsPage') });
const playground = createRoute({ getParentRoute: () => rootRoute, path: '/playground', component: lazyRouteComponent(() => import('./pages/PlaygroundPage'), 'PlaygroundPage') });
const testState = createRoute({
  getParentRoute: () => rootRoute,
  path: '/test-state',
  component: lazyRouteComponent(() => import('./pages/TestStatePage'), 'TestStatePage'),
});

const routeTree = rootRoute.addChildren([machines, newMachine, machine, editMachine, executions, execution, mapRun, mapRuns, activities, metrics, playground, testState]);

export const router = createRouter({ routeTree, basepath: '/console', defaultPreload: 'intent', scrollRestoration: true });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
