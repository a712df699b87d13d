import { byId } from '/shared/dom.mjs';
import { demoSettings, settingsForm } from '/shared/settings.mjs';

const config = await (await fetch('/config.json')).json();
// It is there once it was built.
byId('docs').hidden = !config.hasDocs;
byId('settings').replaceChildren(settingsForm({
  defaults: demoSettings(config),
  submitLabel: 'Continue',
  onSave: () => location.assign('/your-provider/'),
}));
