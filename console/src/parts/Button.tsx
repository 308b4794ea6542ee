import type { ButtonHTMLAttributes } from 'react';

import { Icon, type IconName } from './Icon';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: 'plain' | 'primary' | 'danger' | 'quiet';
  icon?: IconName;
  isSmall?: boolean;
}

/** A button; with an icon and no children its aria-label has to say what it does. */
export function Button({ look = 'plain', icon, isSmall, className, children, type = 'button', ...rest }: ButtonProps) {
  const classes = ['button', look === 'plain' ? '' : look, isSmall ? 'small' : '', icon && !children ? 'icon' : '', className ?? ''];
  return (
    <button type={type} className={classes.filter(Boolean).join(' ')} title={children ? undefined : rest['aria-label']} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
