import { Redo2, Undo2 } from 'lucide-react';
import { Button } from '#dashboard/app/components/button.tsx';
import type { useDraft } from '#dashboard/app/pages/editor/use-draft.ts';

/** Takes changes back, or makes them again; the JSON editor has its own way. */
export function UndoButtons({ history }: { readonly history: ReturnType<typeof useDraft> }) {
  return (
    <>
      <Button
        look="ghost"
        isIcon
        aria-label="Undo"
        title="Undo (Ctrl+Z)"
        disabled={!history.canUndo}
        onClick={history.undo}
      >
        <Undo2 size={15} aria-hidden="true" />
      </Button>
      <Button
        look="ghost"
        isIcon
        aria-label="Redo"
        title="Redo (Ctrl+Shift+Z)"
        disabled={!history.canRedo}
        onClick={history.redo}
      >
        <Redo2 size={15} aria-hidden="true" />
      </Button>
    </>
  );
}
