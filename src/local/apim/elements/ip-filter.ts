import { BlockList, isIP } from 'node:net';
import type { Compiler } from '../policy/compiler.ts';
import type { PolicyElement } from '../policy/element.ts';
import { PolicyFault } from '../policy/fault.ts';
import type { PolicyNode } from '../policy/parse.ts';
import { checkAttributes } from '../policy/shape.ts';

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

export const ipFilter: PolicyElement = {
  name: 'ip-filter',
  sections: ['inbound'],
  attributes: { action: { required: true, values: ['allow', 'forbid'] } },
  children: ['address*', 'address-range*'],
  compile: (node, compiler) => {
    const allows = compiler.literal(node, 'action') === 'allow';
    const listed = addressList(node, compiler);
    return (run) => {
      const { ipAddress } = run.request;
      const known = isIP(ipAddress) !== 0 && listed.check(ipAddress, family(ipAddress));
      if (known === allows) return;
      throw new PolicyFault({
        source: 'ip-filter',
        reason: allows ? 'CallerIpNotAllowed' : 'CallerIpBlocked',
        message: allows ? 'Caller IP address is not allowed.' : 'Caller IP address is blocked.',
        status: 403,
        clientMessage: 'Forbidden',
      });
    };
  },
};

function addressList(node: PolicyNode, compiler: Compiler): BlockList {
  const list = new BlockList();
  if (node.children.length === 0)
    compiler.fail(node, "element 'address' or 'address-range' is required inside 'ip-filter'");
  for (const child of node.children) {
    const isRange = child.name === 'address-range';
    checkAttributes(compiler, child, isRange ? { from: { required: true }, to: { required: true } } : {});
    const [from, to] = isRange
      ? [compiler.literal(child, 'from') ?? '', compiler.literal(child, 'to') ?? '']
      : [child.content.text.trim(), child.content.text.trim()];
    try {
      if (isIP(from) === 0 || isIP(from) !== isIP(to)) throw new TypeError('not an address');
      list.addRange(from, to, family(from));
    } catch {
      compiler.fail(child, `'${isRange ? `${from}-${to}` : from}' is not an IP address`);
    }
  }
  return list;
}
