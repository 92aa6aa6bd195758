import { Menu as Base } from '@base-ui/react/menu';
import { Plus } from 'lucide-react';
import { MenuItem } from '#dashboard/app/components/menu.tsx';
import overlay from '#dashboard/app/components/overlay.module.css';
import { newCondition } from '#dashboard/app/forms/condition-input.tsx';
import {
  type Definitions,
  type FieldSchema,
  follow,
  startValue,
} from '#dashboard/app/forms/schema.ts';
import { keyed } from '#dashboard/app/pages/editor/draft.ts';
import { type CatalogEntry, useEditor } from '#dashboard/app/pages/editor/editor-context.ts';
import styles from '#dashboard/app/pages/editor/flow.module.css';
import { freeId, insertStep, type ListPlace, walk } from '#dashboard/app/pages/editor/step-tree.ts';
import { StepIcon } from '#dashboard/app/pages/editor/step-types.tsx';

/** The kinds of steps as they stand in the menu, side by side. */
const groups = [
  { kind: 'action', title: 'Actions' },
  { kind: 'control', title: 'Flow' },
] as const;

/** A button that puts a new step at a place. */
export function AddStep(props: {
  readonly place: ListPlace;
  readonly index: number;
  readonly label: string;
  /** Nothing is in its list yet, so it says in words what it is for. */
  readonly isOnly: boolean;
}) {
  const { place, index, label, isOnly } = props;
  const { draft, change, catalog, setOpenStep } = useEditor();

  function add(entry: CatalogEntry) {
    const taken = new Set([...walk(draft.steps)].map(({ step }) => step.id));
    const step = keyed({
      id: freeId(entry.type, taken),
      type: entry.type,
      config: startConfig(entry),
    });
    change((before) => ({ ...before, steps: insertStep(before.steps, place, index, step) }));
    setOpenStep(step.key);
  }

  return (
    <Base.Root>
      <Base.Trigger
        className={`${styles['add']} ${isOnly ? styles['addFirst'] : ''}`}
        aria-label={label}
      >
        <Plus size={14} aria-hidden="true" />
        {isOnly && 'Add a step'}
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner className={overlay['positioner']} sideOffset={6}>
          <Base.Popup className={`${overlay['menu']} ${styles['stepKinds']}`}>
            {groups.map(({ kind, title }) => (
              <Base.Group key={kind}>
                <Base.GroupLabel className={overlay['label']}>{title}</Base.GroupLabel>
                {catalog
                  .filter((entry) => entry.kind === kind)
                  .map((entry) => (
                    <MenuItem
                      key={entry.type}
                      icon={<StepIcon type={entry.type} />}
                      onSelect={() => add(entry)}
                    >
                      <span className={styles['stepKind']}>
                        <span className={styles['stepKindName']}>{entry.title}</span>
                        <span className={styles['stepKindNote']}>{entry.description}</span>
                      </span>
                    </MenuItem>
                  ))}
              </Base.Group>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function startConfig({ type, config_schema }: CatalogEntry): Record<string, unknown> {
  if (type === 'branch') return { branches: [{ when: newCondition, actions: [] }] };
  const schema = config_schema as FieldSchema & { readonly $defs?: Definitions };
  const [first] = schema.oneOf ?? schema.anyOf ?? [];
  return startValue(first ? follow(first, schema.$defs ?? {}) : schema);
}
