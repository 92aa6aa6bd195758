/** What is known of users besides their ids. */
export type Profiles = {
  /** The address that sign-in has verified; undefined when there is none. */
  emailOf(userId: string): Promise<string | undefined>;
};
