#!/bin/sh
# Makes what each party holds, each in a folder that only it mounts: certificates of the district's own authority, and
# the password of its database. What exists stays, so that a restart changes nobody's identity.
#
# To act as a person:  docker compose cp identities:/identities/persons .
set -eu
umask 077

services="customs inspection border port gateway"
persons="broker/3104980001 terminal/BEILUN-2 haulier/YONGGANG console operator/port-office operator/port-office-duty operator/laboratory"
for name in customs inspection border port; do persons="$persons operator/officer-$name operator/examiner-$name"; done

set --
for name in $services $persons; do set -- "$@" --identity "$name"; done
python -m agencykit.pki --out /identities/authority --district "$DISTRICT" "$@"

cd /identities
mkdir -p persons postgres $services
chmod 755 . postgres

for name in $services; do
    cp authority/ca.pem "$name/ca.pem"
    cp authority/"$name".pem "$name/tls.pem"
    cp authority/"$name".key "$name/tls.key"
    cp authority/"$name"-signing.pem "$name/signing.pem"
    cp authority/"$name"-signing.key "$name/signing.key"
    # who is shut out; a copy for each, as all that a service reads lies in its own folder
    [ -e authority/denied.toml ] || printf 'identities = []\nserials = []\n' > authority/denied.toml
    cp authority/denied.toml "$name/denied.toml"
done
cp authority/ca.pem persons/
for name in $persons; do cp authority/"$(echo "$name" | tr / -)".* persons/; done

for name in superuser $services; do
    file=postgres/$name.password
    [ -s "$file" ] || python -c 'import secrets; print(secrets.token_hex(24))' > "$file"
    chmod 644 "$file" # read by the database server's own user; nobody else mounts this folder
done
for name in $services; do
    printf 'postgres:5432:%s:%s:%s\n' "$name" "$name" "$(cat "postgres/$name.password")" > "$name/pgpass"
done
