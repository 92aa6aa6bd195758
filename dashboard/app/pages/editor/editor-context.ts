import { createContext, useContext } from 'react';
import type { TemplateScope } from '#core/templates/templates';
import type { Answer } from '#dashboard/app/api/client.ts';
import type { Draft } from '#dashboard/app/pages/editor/draft.ts';
import type { ChangeDraft } from '#dashboard/app/pages/editor/use-draft.ts';

export type CatalogEntry = Answer<'getCatalog'>['actions'][number];
export type BuiltInAgent = Answer<'getCatalog'>['agents'][number];

/** What every part of the editor works with. */
export type Editor = {
  readonly draft: Draft;
  readonly change: ChangeDraft;
  readonly catalog: readonly CatalogEntry[];
  readonly builtIn: readonly BuiltInAgent[];
  /** The step that is open, by its key. */
  readonly openStep: string | undefined;
  readonly setOpenStep: (key: string | undefined) => void;
  /** What the steps' placeholders find, from the last run and from tries. */
  readonly samples: TemplateScope;
  readonly keepOutput: (stepId: string, output: unknown) => void;
  readonly problemAt: (path: string) => string | undefined;
  /** Whether something at or below a path was refused. */
  readonly hasProblemIn: (path: string) => boolean;
};

export const EditorContext = createContext<Editor | undefined>(undefined);

export function useEditor(): Editor {
  const editor = useContext(EditorContext);
  if (!editor) throw new Error('no editor');
  return editor;
}
