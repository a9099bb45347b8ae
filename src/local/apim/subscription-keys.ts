import type { StoredResource } from '../resources.ts';
import { PolicyFault } from './policy/fault.ts';
import { objectAt, textAt } from './resource-fields.ts';
import type { Run } from './run.ts';

const DEFAULT_HEADER = 'Ocp-Apim-Subscription-Key';
const DEFAULT_QUERY = 'subscription-key';

/**
 * An API that demands a subscription key: this cloud has no subscriptions, so no key is ever the right one. The key
 * is taken out of the request, as Azure does.
 *
 * @throws PolicyFault 401
 */
export function checkSubscription(run: Run, api: StoredResource): void {
  const properties = objectAt(api.body, 'properties');
  if (properties['subscriptionRequired'] === false) return;
  const names = objectAt(properties, 'subscriptionKeyParameterNames');
  const header = textAt(names, 'header') ?? DEFAULT_HEADER;
  const parameter = textAt(names, 'query') ?? DEFAULT_QUERY;
  const key = run.request.headers.text(header) ?? run.request.query.get(parameter);
  const message =
    key === undefined || key === null
      ? 'Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.'
      : 'Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.';
  throw new PolicyFault({
    source: 'authorization',
    reason: key === undefined || key === null ? 'SubscriptionKeyNotFound' : 'SubscriptionKeyInvalid',
    message,
    status: 401,
    headers: {
      'WWW-Authenticate': `AzureApiManagementKey realm="${run.request.originalUrl.origin}",name="${header}",type="header"`,
    },
  });
}
