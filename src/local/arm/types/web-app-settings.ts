import { FLEX_FORBIDDEN_SETTINGS } from '../../beliefs.ts';
import { WEB_VERSIONS } from '../../functions-host/arm-versions.ts';
import { member } from '../../functions-host/site-records.ts';
import { ArmError, type ResourceType } from '../resource-type.ts';

export const APP_SETTINGS_TYPE = 'Microsoft.Web/sites/config';
const NAME_LIMIT = 256;

/** `sites/{app}/config/appsettings`: always 200, values shown only by `POST …/list`. */
export const webAppSettings: ResourceType = {
  type: APP_SETTINGS_TYPE,
  apiVersions: WEB_VERSIONS,
  put: 'sync',
  putStatus: { created: 200, updated: 200 },
  write: (request) => {
    if (request.name.toLowerCase() !== 'appsettings') {
      throw new ArmError(
        501,
        'NotImplemented',
        `The configuration '${request.name}' is not available in this cloud.`,
      );
    }
    return { properties: checkSettings(member(request.body, 'properties')) };
  },
  singletons: ['appsettings'],
  // Whoever may only read does not see values; they are listed by an action of its own.
  present: () => ({ properties: {} }),
  actions: {
    list: (request) => ({
      id: request.id,
      name: 'appsettings',
      type: APP_SETTINGS_TYPE,
      properties: member(request.existing?.body, 'properties') ?? {},
    }),
  },
};

/**
 * Application settings as Flex Consumption takes them.
 *
 * @throws ArmError 400 for what is not a flat text dictionary, and for settings that Flex does not have
 */
export function checkSettings(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ArmError(
      400,
      'BadRequest',
      'The property "properties" must be a dictionary of application settings.',
    );
  }
  const result: Record<string, string> = {};
  for (const [name, item] of Object.entries(value)) {
    if (typeof item !== 'string') {
      throw new ArmError(
        400,
        'BadRequest',
        `The value of the application setting "${name}" must be a string.`,
      );
    }
    // Linux turns the name into an environment variable.
    if (!/^[A-Za-z_][A-Za-z0-9_.]*$/.test(name) || name.length > NAME_LIMIT) {
      throw new ArmError(
        400,
        'BadRequest',
        `AppSetting with name(s) '${name}' is not allowed: the name is not valid.`,
      );
    }
    if (isForbidden(name)) {
      const text = `The following app setting (Site.SiteConfig.AppSettings.${name}) for Flex Consumption sites is invalid. Please remove or rename it before retrying.`;
      throw new ArmError(400, 'BadRequest', text);
    }
    result[name] = item;
  }
  return result;
}

function isForbidden(name: string): boolean {
  return FLEX_FORBIDDEN_SETTINGS.some((rule) =>
    rule.endsWith('*') ? name.startsWith(rule.slice(0, -1)) : name === rule,
  );
}
