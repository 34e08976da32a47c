#!/bin/sh
# Makes what each party holds, each in a folder that only it mounts: certificates of the district's own CA, and the
# password of its database. What exists stays, so that a restart changes nobody's identity.
set -eu
umask 077

services="customs inspection border port gateway"
python -m agencykit.pki --district "$DISTRICT" --output /identities

mkdir -p /identities/postgres
chmod 755 /identities /identities/postgres
for name in superuser $services; do
    file=/identities/postgres/$name.password
    [ -s "$file" ] || python -c 'import secrets; print(secrets.token_hex(24))' > "$file"
    chmod 644 "$file" # read by the database server's own user; nobody else mounts this folder
done
for name in $services; do
    printf 'postgres:5432:%s:%s:%s\n' "$name" "$name" "$(cat "/identities/postgres/$name.password")" \
        > "/identities/$name/pgpass"
done
