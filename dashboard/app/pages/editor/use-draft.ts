import { useCallback, useEffect, useMemo, useReducer } from 'react';
import type { Draft } from '#dashboard/app/pages/editor/draft.ts';

type History = {
  readonly draft: Draft;
  readonly past: readonly Draft[];
  readonly future: readonly Draft[];
  /** What was changed last, and when: typing into one field is one change. */
  readonly last: { readonly what: string; readonly at: number } | undefined;
};

type Event =
  | {
      readonly do: 'change';
      readonly draft: (draft: Draft) => Draft;
      readonly what: string;
      readonly at: number;
    }
  | { readonly do: 'undo' }
  | { readonly do: 'redo' }
  | { readonly do: 'start'; readonly draft: Draft };

const MOST_STEPS_BACK = 100;
const ONE_CHANGE_MS = 1_000;

/** Changes the draft. @param what is changed: repeated quickly, the changes are undone as one. */
export type ChangeDraft = (draft: (draft: Draft) => Draft, what?: string) => void;

/** A draft with undo and redo. */
export function useDraft(first: Draft) {
  const [history, tell] = useReducer(step, {
    draft: first,
    past: [],
    future: [],
    last: undefined,
  });
  const change = useCallback<ChangeDraft>((draft, what = '') => {
    tell({ do: 'change', draft, what, at: Date.now() });
  }, []);
  return useMemo(
    () => ({
      draft: history.draft,
      change,
      canUndo: history.past.length > 0,
      canRedo: history.future.length > 0,
      undo: () => tell({ do: 'undo' }),
      redo: () => tell({ do: 'redo' }),
      start: (draft: Draft) => tell({ do: 'start', draft }),
    }),
    [history, change],
  );
}

/** Ctrl+Z and Ctrl+Shift+Z wherever nobody is typing: in a field they are the browser's own. */
export function useUndoKeys({ undo, redo }: ReturnType<typeof useDraft>, isOn: boolean): void {
  useEffect(() => {
    if (!isOn) return;
    const press = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof Element && event.target.closest('input, textarea');
      if (isTyping || event.key.toLowerCase() !== 'z' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (event.shiftKey) redo();
      else undo();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [undo, redo, isOn]);
}

function step(history: History, event: Event): History {
  const { draft, past, future, last } = history;
  switch (event.do) {
    case 'start':
      return { draft: event.draft, past: [], future: [], last: undefined };
    case 'undo': {
      const before = past.at(-1);
      if (!before) return history;
      return {
        draft: before,
        past: past.slice(0, -1),
        future: [draft, ...future],
        last: undefined,
      };
    }
    case 'redo': {
      const [after, ...rest] = future;
      if (!after) return history;
      return { draft: after, past: [...past, draft], future: rest, last: undefined };
    }
    case 'change': {
      const next = event.draft(draft);
      if (next === draft) return history;
      const { what, at } = event;
      const isSameChange = what !== '' && last?.what === what && at - last.at < ONE_CHANGE_MS;
      return {
        draft: next,
        past: isSameChange ? past : [...past, draft].slice(-MOST_STEPS_BACK),
        future: [],
        last: { what, at },
      };
    }
  }
}
