import { createContext, useContext } from 'react';
import type { TemplateScope } from '#core/templates/templates';

/** What fields know beside their value. */
type FormContext = {
  /** The message for a field, by its JSON path in what is saved. */
  readonly problemAt: (path: string) => string | undefined;
  /** How much a field is needed, where its schema alone cannot tell. @param path its JSON path */
  readonly needAt?: (path: string) => string | undefined;
  /** The data that placeholders find, to pick from and to preview with; undefined where none may stand. */
  readonly scope: TemplateScope | undefined;
  /** Whether a field's value is not to be seen. @param path its JSON path. */
  readonly isSecret?: (path: string) => boolean;
  /** Kinds of connections that suit, by the start of their names. */
  readonly connectionKinds?: readonly string[];
};

const Context = createContext<FormContext>({ problemAt: () => undefined, scope: undefined });

export const FormProvider = Context;

export function useForm(): FormContext {
  return useContext(Context);
}
