// What VS Code calls in each of the two extension hosts: the tests beside this file.
export { run } from '../host/index';
