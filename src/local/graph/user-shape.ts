import type { User } from '../directory/objects.ts';
import { badRequest } from './graph-error.ts';
import { flag, nullable, oneOf, record, text } from './shape.ts';

export interface UserBody {
  readonly userPrincipalName: string | undefined;
  readonly passwordProfile:
    | { readonly password: string; readonly forceChangePasswordNextSignIn: boolean }
    | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly plain: Partial<
    Pick<
      User,
      | 'displayName'
      | 'mailNickname'
      | 'givenName'
      | 'surname'
      | 'mail'
      | 'jobTitle'
      | 'department'
      | 'accountEnabled'
      | 'userType'
    >
  >;
}

const properties = {
  accountEnabled: flag,
  displayName: text({ min: 1, max: 256 }),
  mailNickname: text({ min: 1, max: 64 }),
  userPrincipalName: text({ min: 3, max: 113 }),
  givenName: nullable(text({ max: 64 })),
  surname: nullable(text({ max: 64 })),
  mail: nullable(text({ max: 256 })),
  jobTitle: nullable(text({ max: 128 })),
  department: nullable(text({ max: 64 })),
  userType: oneOf('Member', 'Guest'),
  passwordProfile: record(
    {
      password: text({ max: 256 }),
      forceChangePasswordNextSignIn: flag,
      forceChangePasswordNextSignInWithMfa: oneOf(false),
    },
    { required: ['password'], defaults: { forceChangePasswordNextSignIn: true } },
  ),
};

const options = {
  readOnly: ['id', 'createdDateTime', 'deletedDateTime', 'signInSessionsValidFromDateTime'],
  notModelled: [
    ...[
      'ageGroup',
      'businessPhones',
      'city',
      'companyName',
      'consentProvidedForMinor',
      'country',
      'employeeId',
    ],
    ...['employeeType', 'identities', 'mobilePhone', 'officeLocation', 'onPremisesImmutableId', 'otherMails'],
    ...['passwordPolicies', 'postalCode', 'preferredLanguage', 'state', 'streetAddress', 'usageLocation'],
    ...['onPremisesExtensionAttributes'],
  ],
};
const required = ['accountEnabled', 'displayName', 'mailNickname', 'userPrincipalName', 'passwordProfile'];

const createShape = record(properties, { ...options, required });
const updateShape = record(properties, options);

/** Splits directory extension values from the rest, which is checked here. @throws GraphError 400, 501 */
export function readUserBody(value: unknown, isNew: boolean): UserBody {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('Unable to read JSON request payload.');
  }
  const isExtension = ([name]: [string, unknown]) => /^extension_[0-9a-f]{32}_/i.test(name);
  const entries = Object.entries(value);
  const extensions = Object.fromEntries(entries.filter(isExtension));
  const others = Object.fromEntries(entries.filter((entry) => !isExtension(entry)));
  const shape = isNew ? createShape : updateShape;
  const { userPrincipalName, passwordProfile, ...plain } = shape(others, '') as UserBody['plain'] &
    Partial<Pick<UserBody, 'userPrincipalName' | 'passwordProfile'>>;
  return { userPrincipalName, passwordProfile, extensions, plain };
}
