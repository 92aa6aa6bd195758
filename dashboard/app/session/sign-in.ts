/** A way to sign in: by a form of ours (one machine), or by a page of somebody else's (Cognito). */
export type SignIn = {
  /** A valid token, renewed where that is possible; undefined when people must sign in. */
  token(): Promise<string | undefined>;
  /** Ends the session here and where it was begun, and leaves the app: whoever comes next finds nothing of it. */
  end(): Promise<void>;
  /** Drops a token that the API no longer takes. */
  forget(): Promise<void>;
} & (
  | { readonly kind: 'form'; start(person: LocalPerson): Promise<void> }
  | {
      readonly kind: 'page';
      start(returnTo: string): Promise<void>;
      /** Completes a sign-in; gives the path to go on to. */
      finish(): Promise<string>;
    }
);

/** Who to be on one machine, where nobody needs a password. */
export type LocalPerson = {
  readonly user: string;
  readonly email?: string;
  readonly role?: 'user' | 'admin';
};
