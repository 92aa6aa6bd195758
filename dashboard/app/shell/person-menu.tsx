import { useNavigate } from '@tanstack/react-router';
import { BookOpen, KeyRound, LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { Button } from '#dashboard/app/components/button.tsx';
import { Menu, MenuItem, MenuSeparator } from '#dashboard/app/components/menu.tsx';
import { useSession } from '#dashboard/app/session/session.tsx';
import styles from '#dashboard/app/shell/shell.module.css';
import { chooseTheme } from '#dashboard/app/shell/theme.ts';

/** Who is signed in; theme, API keys, documents, sign-out. */
export function PersonMenu({ onNavigate }: { readonly onNavigate?: () => void }) {
  const { person, signOut } = useSession();
  const navigate = useNavigate();
  const name = person.email ?? person.id;
  return (
    <Menu
      align="start"
      side="top"
      trigger={
        <Button look="ghost">
          <span className={styles['avatar']} aria-hidden="true">
            {name.slice(0, 1).toUpperCase()}
          </span>
          <span className={styles['hidden']}>Account: </span>
          <span className={styles['name']}>{name}</span>
        </Button>
      }
    >
      <MenuItem icon={<Sun size={15} />} onSelect={() => chooseTheme('light')}>
        Light theme
      </MenuItem>
      <MenuItem icon={<Moon size={15} />} onSelect={() => chooseTheme('dark')}>
        Dark theme
      </MenuItem>
      <MenuItem icon={<Monitor size={15} />} onSelect={() => chooseTheme('system')}>
        As the system
      </MenuItem>
      <MenuSeparator />
      <MenuItem
        icon={<KeyRound size={15} />}
        onSelect={() => {
          onNavigate?.();
          void navigate({ to: '/app/keys' });
        }}
      >
        API keys
      </MenuItem>
      <MenuItem icon={<BookOpen size={15} />} onSelect={() => location.assign('/docs/api')}>
        API reference
      </MenuItem>
      <MenuItem icon={<LogOut size={15} />} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
