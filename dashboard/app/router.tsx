import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { AgentsPage } from '#dashboard/app/pages/agents/agents-page.tsx';
import { CALLBACK_PATH } from '#dashboard/app/session/config.ts';
import { SessionGate } from '#dashboard/app/session/session.tsx';
import { ErrorPage, NotFoundPage } from '#dashboard/app/shell/error-page.tsx';
import { Shell } from '#dashboard/app/shell/shell.tsx';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage });

const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  component: () => (
    <SessionGate>
      <Shell />
    </SessionGate>
  ),
});

const home = createRoute({
  getParentRoute: () => root,
  path: '/app',
  beforeLoad: () => {
    throw redirect({ to: '/app/agents' });
  },
});

/** Where people come back to from the user pool's page: the session gate reads the address and goes on from it. */
const signedInCallback = createRoute({
  getParentRoute: () => signedIn,
  path: CALLBACK_PATH,
  component: () => null,
});

const agents = createRoute({
  getParentRoute: () => signedIn,
  path: '/app/agents',
  component: AgentsPage,
  validateSearch: (search: Record<string, unknown>) => ({
    ...text(search, 'q'),
    ...text(search, 'enabled'),
  }),
});

const newAgent = createRoute({
  getParentRoute: () => signedIn,
  path: '/app/agents/new',
  component: lazyRouteComponent(
    () => import('#dashboard/app/pages/editor/editor-page.tsx'),
    'NewAgentPage',
  ),
});

const agent = createRoute({
  getParentRoute: () => signedIn,
  path: '/app/agents/$id',
  component: lazyRouteComponent(
    () => import('#dashboard/app/pages/agent/agent-page.tsx'),
    'AgentPage',
  ),
  validateSearch: (search: Record<string, unknown>) => ({
    ...text(search, 'tab'),
    ...text(search, 'version'),
    ...runFilter(search),
  }),
});

const editAgent = createRoute({
  getParentRoute: () => signedIn,
  path: '/app/agents/$id/edit',
  component: lazyRouteComponent(
    () => import('#dashboard/app/pages/editor/editor-page.tsx'),
    'EditAgentPage',
  ),
  validateSearch: (search: Record<string, unknown>) => text(search, 'test'),
});

const runs = createRoute({
  getParentRoute: () => signedIn,
  path: '/app/runs',
  component: lazyRouteComponent(
    () => import('#dashboard/app/pages/runs/runs-page.tsx'),
    'RunsPage',
  ),
  validateSearch: runFilter,
});

const run = createRoute({
  getParentRoute: () => signedIn,
  path: '/app/runs/$runId',
  component: lazyRouteComponent(() => import('#dashboard/app/pages/run/run-page.tsx'), 'RunPage'),
});

const approvals = createRoute({
  getParentRoute: () => signedIn,
  path: '/app/approvals',
  component: lazyRouteComponent(
    () => import('#dashboard/app/pages/approvals/approvals-page.tsx'),
    'ApprovalsPage',
  ),
});

/** For whom a mailed link brought: nobody signs in here. */
const approve = createRoute({
  getParentRoute: () => root,
  path: '/approve',
  component: lazyRouteComponent(
    () => import('#dashboard/app/pages/approvals/approve-page.tsx'),
    'ApprovePage',
  ),
});

const templates = createRoute({
  getParentRoute: () => signedIn,
  path: '/app/templates',
  component: lazyRouteComponent(
    () => import('#dashboard/app/pages/templates/templates-page.tsx'),
    'TemplatesPage',
  ),
});

const template = createRoute({
  getParentRoute: () => signedIn,
  path: '/app/templates/$slug',
  component: lazyRouteComponent(
    () => import('#dashboard/app/pages/templates/template-page.tsx'),
    'TemplatePage',
  ),
});

const connections = createRoute({
  getParentRoute: () => signedIn,
  path: '/app/connections',
  component: lazyRouteComponent(
    () => import('#dashboard/app/pages/connections/connections-page.tsx'),
    'ConnectionsPage',
  ),
  validateSearch: (search: Record<string, unknown>) => text(search, 'new'),
});

const apiKeys = createRoute({
  getParentRoute: () => signedIn,
  path: '/app/keys',
  component: lazyRouteComponent(
    () => import('#dashboard/app/pages/api-keys/api-keys-page.tsx'),
    'ApiKeysPage',
  ),
});

const usage = createRoute({
  getParentRoute: () => signedIn,
  path: '/app/usage',
  component: lazyRouteComponent(
    () => import('#dashboard/app/pages/usage/usage-page.tsx'),
    'UsagePage',
  ),
});

const observability = createRoute({
  getParentRoute: () => signedIn,
  path: '/app/observability',
  component: lazyRouteComponent(
    () => import('#dashboard/app/pages/observability/observability-page.tsx'),
    'ObservabilityPage',
  ),
});

const admin = createRoute({
  getParentRoute: () => signedIn,
  path: '/app/admin',
  component: lazyRouteComponent(
    () => import('#dashboard/app/pages/admin/admin-page.tsx'),
    'AdminPage',
  ),
});

const mailbox = createRoute({
  getParentRoute: () => signedIn,
  path: '/app/mailbox',
  component: lazyRouteComponent(
    () => import('#dashboard/app/pages/local/mailbox-page.tsx'),
    'MailboxPage',
  ),
});

const slack = createRoute({
  getParentRoute: () => signedIn,
  path: '/app/slack',
  component: lazyRouteComponent(
    () => import('#dashboard/app/pages/local/slack-page.tsx'),
    'SlackPage',
  ),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    approve,
    signedIn.addChildren([
      signedInCallback,
      agents,
      newAgent,
      agent,
      editAgent,
      runs,
      run,
      approvals,
      templates,
      template,
      connections,
      apiKeys,
      usage,
      observability,
      admin,
      mailbox,
      slack,
    ]),
  ]),
  defaultErrorComponent: ErrorPage,
  defaultNotFoundComponent: NotFoundPage,
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

function runFilter(search: Record<string, unknown>) {
  return { ...text(search, 'status'), ...text(search, 'since'), ...text(search, 'until') };
}

/** A search parameter as text, when it is one; addresses can be typed by anybody. */
function text<Name extends string>(
  search: Record<string, unknown>,
  name: Name,
): { [key in Name]?: string } {
  const value = search[name];
  const isText = ['string', 'number', 'boolean'].includes(typeof value);
  return (isText ? { [name]: String(value) } : {}) as { [key in Name]?: string };
}
