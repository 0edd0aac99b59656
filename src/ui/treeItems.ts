import * as vscode from 'vscode';
import { isFinal } from '../core/model/job';
import { commands } from './contributions';
import { jobIcon, otherIcons, sessionIcon } from './icons';
import type { ChoiceNode, DialogNode, EmptyNode, FolderNode, ForeignNode, JobNode, Node, SessionNode } from './nodes';
import { isForeign, ownDialog } from './nodes';
import { jobTooltip, sessionTooltip, textTooltip } from './tooltips';
import { clockTime, dialogWords, duration, jobLabel, jobState, stateWords, waitingWords } from './words';

const { None, Expanded } = vscode.TreeItemCollapsibleState;

/** The tree item of a node. Its id never depends on the state, so that a refresh collapses nothing. */
export function treeItem(node: Node): vscode.TreeItem {
  const item = create(node);
  item.id = nodeId(node);
  return item;
}

function create(node: Node): vscode.TreeItem {
  switch (node.kind) {
    case 'folder':
      return folderItem(node);
    case 'foreign':
      return foreignItem(node);
    case 'session':
      return sessionItem(node);
    case 'dialog':
      return dialogItem(node);
    case 'choice':
      return choiceItem(node);
    case 'job':
      return jobItem(node);
    case 'empty':
      return emptyItem(node);
  }
}

/** What tells a node from every other one in the tree. */
export function nodeId(node: Node): string {
  const parts = [node.folder.workspaceFolder.uri.toString(), node.kind];
  if (node.kind === 'session' || node.kind === 'empty') parts.push(node.session.metadata.session_id);
  if (node.kind === 'job') parts.push(node.session.metadata.session_id, node.job.job_id);
  if (node.kind === 'dialog' || node.kind === 'choice') parts.push(node.target, node.waiting.dialog_id);
  if (node.kind === 'choice') parts.push(node.choice.id);
  return parts.join('|');
}

function folderItem({ folder }: FolderNode): vscode.TreeItem {
  const item = new vscode.TreeItem(folder.name, Expanded);
  item.iconPath = otherIcons.folder;
  item.contextValue = isForeign(folder) ? 'folder.foreign' : 'folder.own';
  item.tooltip = folder.layout.workspace;
  return item;
}

function foreignItem({ folder, why }: ForeignNode): vscode.TreeItem {
  const item = new vscode.TreeItem('Not from this machine', None);
  item.description = 'click to adopt';
  item.iconPath = otherIcons.foreign;
  item.contextValue = 'foreign';
  item.tooltip = `${why}. It is shown, and nothing in it is run until you adopt it.`;
  item.command = { command: commands.adopt, title: 'Adopt', arguments: [{ kind: 'folder', folder }] };
  return item;
}

function sessionItem({ folder, session }: SessionNode): vscode.TreeItem {
  const { metadata, jobs } = session;
  const item = new vscode.TreeItem(metadata.name || metadata.session_id, Expanded);
  const pending = jobs.filter((job) => job.status === 'pending').length;
  const state = isForeign(folder) ? 'not adopted' : stateWords[metadata.state];
  item.description = [metadata.agent, state, pending > 0 ? `${pending} queued` : ''].filter(Boolean).join(' · ');
  item.iconPath = isForeign(folder) ? sessionIcon('stopped') : sessionIcon(metadata.state);
  item.contextValue = `${isForeign(folder) ? 'foreignSession' : 'session'}.${metadata.state}`;
  item.tooltip = sessionTooltip(session);
  item.accessibilityInformation = { label: `${metadata.name}, session, ${item.description}` };
  return item;
}

function dialogItem({ waiting }: DialogNode): vscode.TreeItem {
  const item = new vscode.TreeItem(waitingWords[waiting.kind], None);
  const words = dialogWords(waiting);
  item.description = words;
  item.iconPath = otherIcons.dialog;
  item.contextValue = 'dialog';
  item.tooltip = textTooltip(waitingWords[waiting.kind], waiting.text);
  item.accessibilityInformation = { label: `${waitingWords[waiting.kind]} ${words}` };
  return item;
}

function choiceItem(node: ChoiceNode): vscode.TreeItem {
  const item = new vscode.TreeItem(node.choice.label, None);
  item.iconPath = otherIcons.choice;
  item.contextValue = 'choice';
  item.tooltip = `Answer: ${node.choice.label}`;
  item.command = { command: commands.answer, title: 'Answer', arguments: [node] };
  item.accessibilityInformation = { label: `Answer: ${node.choice.label}`, role: 'button' };
  return item;
}

function jobItem(node: JobNode): vscode.TreeItem {
  const { folder, job } = node;
  const item = new vscode.TreeItem(jobLabel(job), ownDialog(job) && !isForeign(folder) ? Expanded : None);
  const took = job.finished_at && job.started_at ? duration(job.started_at, job.finished_at) : '';
  const time = clockTime(job.finished_at ?? job.started_at ?? job.created_at);
  const state = isForeign(folder) && !isFinal(job.status) ? 'not adopted' : jobState(job);
  // The icon says that it is completed, and a side bar is narrow.
  item.description = [job.status === 'completed' ? '' : state, time, took].filter(Boolean).join(' · ');
  item.iconPath = state === 'not adopted' ? sessionIcon('stopped') : jobIcon(job);
  item.contextValue = `${isForeign(folder) ? 'foreignJob' : 'job'}.${job.status}`;
  item.tooltip = jobTooltip(job);
  item.accessibilityInformation = { label: `${jobLabel(job)}, job, ${state}, ${time} ${took}` };
  const open = job.status === 'completed' ? commands.openOutput : commands.openPrompt;
  item.command = { command: open, title: 'Open', arguments: [node] };
  return item;
}

function emptyItem({ folder }: EmptyNode): vscode.TreeItem {
  const item = new vscode.TreeItem('No jobs yet', None);
  if (!isForeign(folder)) item.description = 'select text and send it';
  item.contextValue = 'empty';
  return item;
}
