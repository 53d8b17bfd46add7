create table item(id integer primary key, name text, price real, shop integer);
create table shop(id integer primary key, town text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 30000)
    insert into item select i, 'name ' || (i * 7919 % 4001), i / 7.0, i % 97 from n;
with recursive n(i) as (select 0 union all select i + 1 from n where i < 96) insert into shop select i, 'town ' || (i % 10) from n;
create index by_name on item(name);
select count(*), sum(id), round(avg(price), 3) from item;
select name, count(*) c from item group by name order by c desc, name limit 5;
select town, count(*), round(sum(price), 2) from item join shop on shop.id = item.shop group by town order by town;
select count(*) from item where name like '%99%' or price between 100 and 200;
update item set price = price * 1.1 where shop % 3 = 0;
delete from item where id % 5 = 0;
select count(*), round(sum(price), 1) from item;
select sum(length(hex(name))), sum(instr(name, '7')) from item;
