import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { setCredentials } from '#dashboard/app/api/client.ts';
import { CALLBACK_PATH, loadConfig } from '#dashboard/app/session/config.ts';
import type { SignIn } from '#dashboard/app/session/sign-in.ts';
import { signInFor } from '#dashboard/app/session/sign-in-for.ts';
import { SignInPage } from '#dashboard/app/session/sign-in-page.tsx';
import { type Person, personOf } from '#dashboard/app/session/token.ts';
import { BrokenPage } from '#dashboard/app/shell/broken-page.tsx';

type Session = {
  readonly person: Person;
  /** True on one machine, where there are a mailbox and a Slack to look at. */
  readonly isLocal: boolean;
  signOut(): Promise<void>;
};

const SessionContext = createContext<Session | undefined>(undefined);

/** The session of the person who is signed in. Only below a `SessionGate`. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('no session');
  return session;
}

type State =
  | { readonly stage: 'starting' }
  | { readonly stage: 'broken'; readonly error: unknown }
  | { readonly stage: 'signed-out'; readonly signIn: SignIn; readonly problem?: unknown }
  | { readonly stage: 'signed-in'; readonly signIn: SignIn; readonly person: Person };

/** Shows its children to whom is signed in, and a way to sign in to everybody else. */
export function SessionGate({ children }: { readonly children: ReactNode }) {
  const [state, setState] = useState<State>({ stage: 'starting' });

  const queries = useQueryClient();
  useEffect(() => {
    begin(setState, queries).catch((error: unknown) => setState({ stage: 'broken', error }));
  }, [queries]);

  const session = useMemo<Session | undefined>(() => {
    if (state.stage !== 'signed-in') return undefined;
    const { signIn, person } = state;
    return {
      person,
      isLocal: signIn.kind === 'form',
      signOut: signIn.end,
    };
  }, [state]);

  if (state.stage === 'starting') return null;
  if (state.stage === 'broken') return <BrokenPage error={state.error} />;
  if (state.stage === 'signed-out') {
    const resume = () => resumeSession(state.signIn, setState);
    return <SignInPage signIn={state.signIn} problem={state.problem} onSignedIn={resume} />;
  }
  return <SessionContext value={session}>{children}</SessionContext>;
}

async function begin(setState: (state: State) => void, queries: QueryClient): Promise<void> {
  const signIn = await signInFor(await loadConfig());
  setCredentials({
    token: signIn.token,
    refused: () => {
      void signIn.forget();
      // Somebody else may sign in now.
      queries.clear();
      setState({ stage: 'signed-out', signIn });
    },
  });
  if (signIn.kind === 'page' && location.pathname === CALLBACK_PATH) {
    try {
      history.replaceState(null, '', await signIn.finish());
    } catch (problem) {
      // Where to go after another try; this address holds a code that is used up.
      history.replaceState(null, '', '/app/agents');
      if ((await signIn.token()) === undefined) {
        setState({ stage: 'signed-out', signIn, problem });
        return;
      }
    }
  }
  await resumeSession(signIn, setState);
}

async function resumeSession(signIn: SignIn, setState: (state: State) => void): Promise<void> {
  const token = await signIn.token();
  if (token === undefined) setState({ stage: 'signed-out', signIn });
  else setState({ stage: 'signed-in', signIn, person: personOf(token) });
}
