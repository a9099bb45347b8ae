import { HealthcareApisManagementClient } from '@azure/arm-healthcareapis';
import type { ArmBody } from './arm.ts';
import { fromSdk, isFailure } from './failure.ts';
import { type SdkOptions, sdkClientOptions, untilDone } from './sdk.ts';

/** Workspaces through the typed client. FHIR services are written generically: the client drops fields it does not know. */
export class Healthcare {
  readonly #client: HealthcareApisManagementClient;
  readonly #options: SdkOptions;

  constructor(options: SdkOptions) {
    this.#options = options;
    const { credential, settings } = sdkClientOptions(options);
    this.#client = new HealthcareApisManagementClient(credential, options.subscriptionId, settings);
  }

  async getWorkspace(resourceGroup: string, name: string): Promise<ArmBody | undefined> {
    try {
      return (await this.#client.workspaces.get(resourceGroup, name)) as unknown as ArmBody;
    } catch (error) {
      const told = fromSdk(`workspace ${name}`, error);
      if (isFailure(told, 404)) return undefined;
      throw told;
    }
  }

  async putWorkspace(
    resourceGroup: string,
    name: string,
    body: { location: string; tags: Record<string, string> },
  ): Promise<ArmBody> {
    const made = await untilDone(this.#options, `workspace ${name}`, (onResponse) =>
      this.#client.workspaces.beginCreateOrUpdate(resourceGroup, name, body, { onResponse }),
    );
    return made as unknown as ArmBody;
  }

  async deleteWorkspace(resourceGroup: string, name: string): Promise<void> {
    await untilDone(this.#options, `workspace ${name}`, (onResponse) =>
      this.#client.workspaces.beginDelete(resourceGroup, name, { onResponse }),
    );
  }
}
