/** Tests run on the Node that the repository pins, whichever Node started npm. */
export default function setup(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 24)
    throw new Error(`tests need Node 24 (npm ci installs it); this is ${process.versions.node}`);
}
