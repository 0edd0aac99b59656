// npm run figures: installs and builds what is missing, then measures what a sent prompt costs beyond the CLI's own time.
import { build, ensurePackages } from './prepare.mjs';
import { ensureTools } from './tools.mjs';

ensureTools(['tmux']);
ensurePackages();
build(['support']);
await import('../figures/send.mjs');
