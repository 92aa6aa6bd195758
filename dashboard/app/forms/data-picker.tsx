import { Popover } from '@base-ui/react/popover';
import { Braces, Search } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { TemplateScope } from '#core/templates/templates';
import { buttonClass } from '#dashboard/app/components/button.tsx';
import { controlClass } from '#dashboard/app/components/field.tsx';
import overlay from '#dashboard/app/components/overlay.module.css';
import { dataPaths } from '#dashboard/app/forms/data-paths.ts';
import styles from '#dashboard/app/forms/data-picker.module.css';

const SHOWN = 80;

/** Picks a piece of the trigger's or an earlier step's data; gives it as `{{path}}`. */
export function DataPicker(props: {
  readonly label: string;
  readonly scope: TemplateScope;
  readonly onPick: (placeholder: string) => void;
  /** In a row, where there is no room for words. */
  readonly isIcon?: boolean;
}) {
  const { label, scope, onPick, isIcon = false } = props;
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover.Root open={isOpen} onOpenChange={(open) => setOpen(open)}>
      <Popover.Trigger
        className={buttonClass(
          isIcon ? { look: 'ghost', isIcon } : { look: 'ghost', size: 'small' },
        )}
        aria-label={`Insert data into ${label}`}
        title={isIcon ? 'Insert data' : undefined}
      >
        <Braces size={13} aria-hidden="true" />
        {!isIcon && 'Insert data'}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className={overlay['positioner']} align="end" sideOffset={4}>
          <Popover.Popup className={overlay['popover']} aria-label="Data">
            <Choices
              scope={scope}
              onPick={(path) => {
                setOpen(false);
                onPick(`{{${path}}}`);
              }}
            />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Choices(props: {
  readonly scope: TemplateScope;
  readonly onPick: (path: string) => void;
}) {
  const { scope, onPick } = props;
  const [words, setWords] = useState('');
  const paths = useMemo(() => dataPaths(scope), [scope]);
  const wanted = paths.filter(
    ({ path, sample }) =>
      path.toLowerCase().includes(words.toLowerCase()) ||
      sample.toLowerCase().includes(words.toLowerCase()),
  );
  return (
    <div className={styles['picker']}>
      <div className={styles['search']}>
        <Search size={14} aria-hidden="true" />
        <input
          type="search"
          className={controlClass(false)}
          aria-label="Search data"
          placeholder="Search data"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      </div>
      {wanted.length === 0 ? (
        <p className={styles['none']}>
          Nothing found. Give a sample payload at the trigger, or run the agent once, to see its
          data here.
        </p>
      ) : (
        <ul className={styles['list']}>
          {wanted.slice(0, SHOWN).map(({ path, sample }) => (
            <li key={path}>
              <button type="button" className={styles['choice']} onClick={() => onPick(path)}>
                <code>{path}</code>
                <span>{sample}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
