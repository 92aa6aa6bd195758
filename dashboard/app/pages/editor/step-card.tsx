import { useDraggable } from '@dnd-kit/core';
import { ArrowDown, ArrowUp, Copy, Ellipsis, GripVertical, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '#dashboard/app/components/button.tsx';
import { Menu, MenuItem, MenuSeparator } from '#dashboard/app/components/menu.tsx';
import { tell } from '#dashboard/app/components/toast.tsx';
import { BranchActions, InnerCondition } from '#dashboard/app/pages/editor/branch-parts.tsx';
import type { Step } from '#dashboard/app/pages/editor/draft.ts';
import { useEditor } from '#dashboard/app/pages/editor/editor-context.ts';
import styles from '#dashboard/app/pages/editor/flow.module.css';
import { StepForm } from '#dashboard/app/pages/editor/step-form.tsx';
import { stepSummary } from '#dashboard/app/pages/editor/step-summary.ts';
import {
  duplicateStep,
  type InnerList,
  innerLists,
  insertStep,
  type ListPlace,
  nudgeStep,
  removeStep,
} from '#dashboard/app/pages/editor/step-tree.ts';
import { StepIcon, stepTitle } from '#dashboard/app/pages/editor/step-types.tsx';

/** A step in the flow: its head, its form when it is open, and the steps inside it. */
export function StepCard(props: {
  readonly step: Step;
  /** JSON path of the step. */
  readonly path: string;
  readonly place: ListPlace;
  readonly index: number;
  readonly isLast: boolean;
  /** Draws a list inside the step. @param path JSON path of the list. */
  readonly innerList: (inner: InnerList, path: string) => ReactNode;
}) {
  const { step, path, place, index, isLast, innerList } = props;
  const { catalog, openStep, setOpenStep, hasProblemIn } = useEditor();
  const { setNodeRef, setActivatorNodeRef, listeners, attributes, isDragging, transform } =
    useDraggable({ id: step.key, data: { place, index } });
  const isOpen = openStep === step.key;
  const name = step.name ?? stepTitle(catalog, step.type);
  const looks = [
    styles['card'],
    isOpen && styles['cardOpen'],
    hasProblemIn(path) && styles['cardBad'],
    isDragging && styles['cardDragged'],
  ];
  const moved = transform && { transform: `translate(${transform.x}px, ${transform.y}px)` };
  return (
    <article
      ref={setNodeRef}
      className={looks.filter(Boolean).join(' ')}
      aria-label={`Step ${name}`}
      style={moved ? { ...moved, position: 'relative', zIndex: 5 } : undefined}
    >
      <div className={styles['cardHead']}>
        <button
          type="button"
          ref={setActivatorNodeRef}
          className={styles['grip']}
          {...listeners}
          {...attributes}
          aria-label={`Move ${name}`}
        >
          <GripVertical size={15} aria-hidden="true" />
        </button>
        <button
          type="button"
          className={styles['cardTitle']}
          aria-expanded={isOpen}
          onClick={() => setOpenStep(isOpen ? undefined : step.key)}
        >
          <span className={styles['typeIcon']}>
            <StepIcon type={step.type} />
          </span>
          <span className={styles['cardText']}>
            <span className={styles['cardName']}>{name}</span>
            <span className={styles['cardNote']}>{stepSummary(step)}</span>
          </span>
        </button>
        <StepMenu step={step} name={name} place={place} index={index} isLast={isLast} />
      </div>
      {isOpen && (
        <div className={styles['cardBody']}>
          <StepForm step={step} path={path} />
        </div>
      )}
      {innerLists(step).map((inner) => (
        <section className={styles['inner']} key={inner.place.path} aria-label={inner.title}>
          <div className={styles['innerTitle']}>
            {inner.title}
            <BranchActions step={step} path={inner.place.path} />
          </div>
          <InnerCondition step={step} listPath={inner.place.path} path={path} />
          {innerList(inner, `${path}.config.${inner.place.path}`)}
        </section>
      ))}
    </article>
  );
}

function StepMenu(props: {
  readonly step: Step;
  readonly name: string;
  readonly place: ListPlace;
  readonly index: number;
  readonly isLast: boolean;
}) {
  const { step, name, place, index, isLast } = props;
  const { change } = useEditor();
  const edit = (how: typeof removeStep) =>
    change((before) => ({ ...before, steps: how(before.steps, step.key) }));
  const remove = () => {
    edit(removeStep);
    tell(`“${name}” was removed`, {
      label: 'Undo',
      run: () => change((now) => ({ ...now, steps: insertStep(now.steps, place, index, step) })),
    });
  };
  return (
    <Menu
      trigger={
        <Button look="ghost" isIcon aria-label={`Actions for ${name}`}>
          <Ellipsis size={15} aria-hidden="true" />
        </Button>
      }
    >
      <MenuItem
        icon={<ArrowUp size={14} />}
        isDisabled={index === 0}
        onSelect={() => edit((steps, key) => nudgeStep(steps, key, -1))}
      >
        Move up
      </MenuItem>
      <MenuItem
        icon={<ArrowDown size={14} />}
        isDisabled={isLast}
        onSelect={() => edit((steps, key) => nudgeStep(steps, key, 1))}
      >
        Move down
      </MenuItem>
      <MenuItem icon={<Copy size={14} />} onSelect={() => edit(duplicateStep)}>
        Duplicate
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={<Trash2 size={14} />} isDangerous onSelect={remove}>
        Delete
      </MenuItem>
    </Menu>
  );
}
