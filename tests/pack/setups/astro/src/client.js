import { createClient } from 'scopewise';
import { afterCallback } from 'scopewise/react';
import { options } from '../sign-in-url.js';

export const client = await afterCallback(createClient(options), ({ returnTo }) => location.replace(returnTo));
