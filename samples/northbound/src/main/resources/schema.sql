-- A Northbound database is a key/value store in most deployments: it knows documents, not
-- constraints. So nothing here would notice one address given to two ports.
create table if not exists networks (
	id varchar(36) primary key,
	project_id varchar(64) not null,
	name varchar(255) not null,
	-- Counts the changes, as in Neutron.
	revision bigint not null,
	-- The addresses in use: a JSON document, {"10.0.0.2": "id of the port", ...}.
	allocations varchar not null,
	-- The highest fencing token of those who came to change it.
	fence bigint not null
);

create table if not exists subnets (
	id varchar(36) primary key,
	network_id varchar(36) not null,
	cidr varchar(18) not null
);

create index if not exists subnets_by_network on subnets (network_id);

create table if not exists ports (
	id varchar(36) primary key,
	network_id varchar(36) not null,
	name varchar(255) not null,
	address varchar(15) not null
);

create index if not exists ports_by_network on ports (network_id);

create table if not exists routers (
	id varchar(36) primary key,
	project_id varchar(64) not null,
	name varchar(255) not null,
	fence bigint default 0 not null
);

create index if not exists routers_by_project on routers (project_id);

create table if not exists security_groups (
	id varchar(36) primary key,
	project_id varchar(64) not null,
	name varchar(255) not null,
	fence bigint not null
);

create table if not exists security_group_rules (
	id varchar(36) primary key,
	group_id varchar(36) not null,
	direction varchar(7) not null,
	protocol varchar(4) not null,
	port integer not null
);

create index if not exists security_group_rules_by_group on security_group_rules (group_id);
