// npm run package: tmux-courier.vsix, from a fresh clone too.
import path from 'node:path';
import { ensurePackages, packageVsix, repo } from './prepare.mjs';

ensurePackages();
packageVsix(path.join(repo, 'tmux-courier.vsix'));
