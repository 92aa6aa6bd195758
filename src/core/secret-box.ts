/** Keeps secrets that must be read again. A sealed text opens only with the same context. */
export type SecretBox = {
  seal(text: string, context: SecretContext): Promise<string>;
  open(sealed: string, context: SecretContext): Promise<string>;
};

/** Whose secret it is. */
export type SecretContext =
  | { readonly userId: string; readonly agentId: string }
  | { readonly userId: string; readonly connectionId: string };
