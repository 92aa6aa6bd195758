import { CircleAlert } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId } from 'react';
import styles from '#dashboard/app/components/field.module.css';

type FieldText = {
  readonly label: ReactNode;
  readonly help?: ReactNode;
  readonly error?: string | undefined;
  /** How much it is needed, where that is to be said: such as `optional`. */
  readonly need?: string | undefined;
};

/** What ties a control to its label, help and error for assistive technology. */
export type ControlIds = {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
};

/** A control with its label, help and error; or several controls, which are a group then. */
export function Field(
  props: FieldText & {
    readonly children: (ids: ControlIds) => ReactNode;
    /** Beside the label: more ways to fill the control in. */
    readonly aside?: ReactNode;
    readonly isGroup?: boolean;
  },
) {
  const { label, help, error, need, children, aside, isGroup = false } = props;
  const id = useId();
  const described = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(' ');
  const group = isGroup && {
    role: 'group',
    'aria-labelledby': `${id}-label`,
    'aria-describedby': described || undefined,
  };
  return (
    <div className={styles['field']} {...group}>
      <div className={styles['label']}>
        {isGroup ? <span id={`${id}-label`}>{label}</span> : <label htmlFor={id}>{label}</label>}
        {need && <span className={styles['need']}>{need}</span>}
        {aside && <span className={styles['aside']}>{aside}</span>}
      </div>
      {children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': error ? true : undefined,
      })}
      {error && (
        <p className={styles['error']} id={`${id}-error`}>
          <CircleAlert size={13} aria-hidden="true" />
          {error}
        </p>
      )}
      {help && (
        <p className={styles['help']} id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}

type Own = 'className' | 'onChange' | 'id';

/** Text: a line of it, or several. */
export function TextField(
  props: FieldText &
    Omit<ComponentProps<'input'>, Own> & {
      readonly onValue: (value: string) => void;
      readonly isCode?: boolean;
      readonly isLong?: boolean;
    },
) {
  const { label, help, error, need, onValue, isCode = false, isLong, ...rest } = props;
  // Whatever this component lets through is known to both.
  const Control = isLong ? ('textarea' as 'input') : 'input';
  return (
    <Field {...{ label, help, error, need }}>
      {(ids) => (
        <Control
          {...rest}
          {...ids}
          className={controlClass(isCode)}
          onChange={(event) => onValue(event.target.value)}
        />
      )}
    </Field>
  );
}

export type Choice = { readonly value: string; readonly label: string };

/** One of a few. */
export function SelectField(
  props: FieldText &
    Omit<ComponentProps<'select'>, Own> & {
      readonly choices: readonly Choice[];
      readonly onValue: (value: string) => void;
    },
) {
  const { label, help, error, need, choices, onValue, ...rest } = props;
  return (
    <Field {...{ label, help, error, need }}>
      {(ids) => (
        <select
          {...rest}
          {...ids}
          className={controlClass(false)}
          onChange={(event) => onValue(event.target.value)}
        >
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** The look of a text control, for those that are not made here. */
export function controlClass(isCode: boolean): string {
  return `${styles['control']} ${isCode ? styles['code'] : ''}`;
}
