// The token in the address: kept for this tab, and taken out of sight.

const NAME = 'restage-token';

export function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given) {
    sessionStorage.setItem(NAME, given);
    history.replaceState(null, '', location.pathname);
  }
}

export const token = () => sessionStorage.getItem(NAME);

export const forgetToken = () => sessionStorage.removeItem(NAME);
