import { ActionRejectedError } from '#core/errors';
import type { Mail, Mailer } from '#core/mail/mail';
import {
  listedAs,
  type Suppression,
  type SuppressionStore,
  suppressionWords,
} from '#core/mail/suppressions';

/** Recipients that may get an e-mail, and those that are left out. */
export type Allowed = Required<Pick<Mail, 'to' | 'cc'>> & {
  readonly suppressed: readonly Suppression[];
};

/**
 * Takes the addresses that are on the user's list from an e-mail's recipients.
 *
 * @throws ActionRejectedError when nobody is left to whom it is addressed
 */
export async function withoutSuppressed(
  { to, cc = [] }: Pick<Mail, 'to' | 'cc'>,
  userId: string,
  store: Pick<SuppressionStore, 'find'>,
): Promise<Allowed> {
  const names = [...new Set([...to, ...cc].map(listedAs))];
  const suppressed = await store.find(userId, names);
  const refused = new Set(suppressed.map(({ address }) => address));
  const allowed = (address: string) => !refused.has(listedAs(address));
  const left = to.filter(allowed);
  const [first] = suppressed;
  if (left.length === 0 && first !== undefined) throw nobodyLeft(suppressed);
  return { to: left, cc: cc.filter(allowed), suppressed };
}

function nobodyLeft(suppressed: readonly Suppression[]): ActionRejectedError {
  const told = suppressed.slice(0, 3).map(suppressionWords).join('; ');
  const more = suppressed.length > 3 ? `; and ${suppressed.length - 3} more` : '';
  return new ActionRejectedError(
    `Nothing was sent: ${told}${more}. Send to another address, or take it off the list (DELETE /api/suppressions/{address}) if it works again.`,
  );
}

/** A mailer that leaves out whom the lists name. */
export function heedingSuppressions(mailer: Mailer, store: Pick<SuppressionStore, 'find'>): Mailer {
  return {
    async send(mail) {
      const { suppressed, ...recipients } = await withoutSuppressed(mail, mail.userId, store);
      const sent = await mailer.send({ ...mail, ...recipients });
      return { ...sent, suppressed };
    },
  };
}
