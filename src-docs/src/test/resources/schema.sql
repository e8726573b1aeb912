create table networks (
	id varchar(36) primary key,
	name varchar(255) not null,
	next_address int not null,
	fence bigint not null
);

create table ports (
	network_id varchar(36) not null,
	address int not null
);
