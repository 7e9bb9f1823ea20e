"""What the words of a mail are wrapped in: plain text, HTML, RTF, winmail.dat, S/MIME, heads of images."""
