import { Link, useRouter } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { buttonClass } from '#dashboard/app/components/button.tsx';
import { Page } from '#dashboard/app/components/page.tsx';
import { EmptyState, ProblemNote } from '#dashboard/app/components/state.tsx';

/** A page that broke while it was shown. */
export function ErrorPage({
  error,
  reset,
}: {
  readonly error: unknown;
  readonly reset: () => void;
}) {
  const router = useRouter();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Page title="This page did not work">
      <ProblemNote error={error} onRetry={retry} />
    </Page>
  );
}

export function NotFoundPage() {
  return (
    <main>
      <NotFound what="page" />
    </main>
  );
}

/** Instead of a thing that is not there, or not the reader's. */
export function NotFound({ what }: { readonly what: string }) {
  return (
    <Page title="Not found">
      <EmptyState
        icon={<Compass size={20} />}
        title={`There is no such ${what}`}
        actions={
          <Link to="/app/agents" className={buttonClass({ look: 'primary' })}>
            Go to your agents
          </Link>
        }
      >
        It may have been deleted, or it belongs to somebody else.
      </EmptyState>
    </Page>
  );
}
