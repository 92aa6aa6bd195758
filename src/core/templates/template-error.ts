import { ActionRejectedError } from '#core/errors';

/**
 * A template cannot be read or resolved: the step that holds it fails, and is not tried again,
 * because only a change of the agent or of its input can help.
 *
 * The message is for people: it names the placeholder and what to change. It may hold names of
 * properties, never their values. `name` stays `ActionRejectedError`, the word that logs, alarms
 * and the retry decision know.
 */
export class TemplateError extends ActionRejectedError {}

/** {@link TemplateError} for what would take too long, whatever its data are. */
export class TemplateWorkError extends TemplateError {}

/** {@link TemplateError} for text that breaks the syntax, with the place where it does. */
export class TemplateSyntaxError extends TemplateError {
  /** Index of the offending character, in UTF-16 code units from 0. */
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}
