import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useDndContext,
  useDroppable,
  useSensor,
  useSensors,
} from '@dnd-kit/core';
import { AddStep } from '#dashboard/app/pages/editor/add-step.tsx';
import type { Step } from '#dashboard/app/pages/editor/draft.ts';
import { useEditor } from '#dashboard/app/pages/editor/editor-context.ts';
import styles from '#dashboard/app/pages/editor/flow.module.css';
import { type Gap, gapCoordinates } from '#dashboard/app/pages/editor/gap-coordinates.ts';
import { StepCard } from '#dashboard/app/pages/editor/step-card.tsx';
import {
  findStep,
  innerLists,
  type ListPlace,
  moveStep,
  ROOT,
} from '#dashboard/app/pages/editor/step-tree.ts';

/** The agent's steps from top to bottom, to be moved by mouse, touch or keyboard. */
export function Flow() {
  const { draft, change } = useEditor();
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }),
    useSensor(KeyboardSensor, { coordinateGetter: gapCoordinates }),
  );

  function drop({ active, over }: DragEndEvent) {
    const gap = over?.data.current as Gap | undefined;
    if (!gap) return;
    change((before) => ({
      ...before,
      steps: moveStep(before.steps, String(active.id), gap.place, gap.index),
    }));
  }

  const nameOf = (key: string | number) => {
    const step = findStep(draft.steps, String(key))?.step;
    return step?.name ?? step?.id ?? 'step';
  };

  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      onDragEnd={drop}
      accessibility={{
        screenReaderInstructions: {
          draggable:
            'Press space to pick the step up, arrow keys to choose its new place, space to put it down, escape to leave it where it was.',
        },
        announcements: {
          onDragStart: ({ active }) => `Picked up ${nameOf(active.id)}.`,
          onDragOver: ({ over }) =>
            over ? `At ${placeWords(over.data.current as Gap, draft.steps)}.` : undefined,
          onDragEnd: ({ active, over }) =>
            over
              ? `${nameOf(active.id)} was put at ${placeWords(over.data.current as Gap, draft.steps)}.`
              : `${nameOf(active.id)} stays where it was.`,
          onDragCancel: ({ active }) => `${nameOf(active.id)} stays where it was.`,
        },
      }}
    >
      <StepList steps={draft.steps} place={ROOT} path="actions" />
    </DndContext>
  );
}

/** A gap for who cannot see it: "place 2 of “If” in “Is it large?”". */
function placeWords({ place, index }: Gap, steps: readonly Step[]): string {
  const owner = place.owner === undefined ? undefined : findStep(steps, place.owner)?.step;
  if (!owner) return `place ${index + 1} of the steps`;
  const list = innerLists(owner).find((inner) => inner.place.path === place.path);
  return `place ${index + 1} of “${list?.title}” in “${owner.name ?? owner.id}”`;
}

/** A list of steps with a gap before, between and after them. @param path JSON path of the list. */
function StepList(props: {
  readonly steps: readonly Step[];
  readonly place: ListPlace;
  readonly path: string;
}) {
  const { steps, place, path } = props;
  return (
    <ol className={styles['flow']}>
      {steps.map((step, index) => (
        <li key={step.key}>
          <StepGap place={place} index={index} isOnly={false} />
          <StepCard
            step={step}
            path={`${path}[${index}]`}
            place={place}
            index={index}
            isLast={index === steps.length - 1}
            innerList={(inner, innerPath) => (
              <StepList steps={inner.steps} place={inner.place} path={innerPath} />
            )}
          />
        </li>
      ))}
      <li>
        <StepGap place={place} index={steps.length} isOnly={steps.length === 0} />
      </li>
    </ol>
  );
}

/** Between two steps: a place to add one, and to drop one. */
function StepGap({ place, index, isOnly }: Gap & { readonly isOnly: boolean }) {
  const gap: Gap = { place, index };
  const { setNodeRef, isOver } = useDroppable({
    id: `gap ${place.owner ?? ''} ${place.path} ${index}`,
    data: gap,
  });
  const { active } = useDndContext();
  return (
    <div className={styles['gap']} ref={setNodeRef}>
      {active ? (
        <span className={`${styles['gapTarget']} ${isOver ? styles['gapOver'] : ''}`} />
      ) : (
        <AddStep
          place={place}
          index={index}
          label={`Add a step at place ${index + 1}`}
          isOnly={isOnly}
        />
      )}
    </div>
  );
}
