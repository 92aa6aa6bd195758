import { ActionRejectedError, StoreFaultError } from '#core/errors';
import { type PlanName, plans } from '#core/limits/plans';
import type { Mailer } from '#core/mail/mail';
import type { Profiles } from '#core/mail/profiles';
import { SYSTEM_USER } from '#core/system';

/** Whose e-mail it is, and what the plan allows. */
type Sender = { readonly userId: string; readonly plan: PlanName };

/** Whether e-mail of this deployment may go to anybody; otherwise it goes to the user's own address. */
export function mayWriteToOthers({ userId, plan }: Sender): boolean {
  return !plans[plan].mailsOwnAddressOnly || userId === SYSTEM_USER;
}

/**
 * E-mail of this deployment as a plan allows it: some plans write to the address that its user has
 * verified by signing in, and to no other. Connections of a user's own are not bound by it.
 *
 * @returns a mailer that throws ActionRejectedError for other addresses
 */
export function planMailer(
  mail: Mailer,
  sender: Sender,
  profiles: Pick<Profiles, 'emailOf'>,
): Mailer {
  if (mayWriteToOthers(sender)) return mail;
  const { userId, plan } = sender;
  return {
    ...mail,
    async send(one) {
      const own = await profiles.emailOf(userId).catch((cause: unknown) => {
        throw new StoreFaultError('The address of a user could not be read.', { cause });
      });
      const others = [...one.to, ...(one.cc ?? [])].filter(
        (address) => address.toLowerCase() !== own?.toLowerCase(),
      );
      if (others.length === 0) return mail.send(one);
      const allowed = own === undefined ? 'and none is known of you' : `which is ${own}`;
      throw new ActionRejectedError(
        `The ${plan} plan sends e-mail to the address that you have verified by signing in, ${allowed}; ${others.slice(0, 3).join(', ')} is another. Write to your own, send by a connection of yours, or change the plan.`,
      );
    },
  };
}
