"""What signers see: the letter with its form, the check-mail page, what the links in our mails open, my signature."""
